"""Which elements of a segment are taken, as masks: what they leave goes to `unmapped`."""

from __future__ import annotations

from gateway.mapping.kinds import Fit
from gateway.mapping.plan import PairPlan, PairsPlan, ValueRule
from gateway.mapping.scopes import Block, PairTake


def masks(block: Block, *, stops: bool = False) -> tuple[int, bool]:
    """Return the elements that are taken in any case, and whether reading changes that.

    A reader that stops at the first value it cannot read has taken all the others.
    """
    fixed, moving = 0, any(not inline(take.plan) for take in block.pairs if _is_listed(take))
    for take in block.takes:
        if take.certain:
            fixed |= 1 << take.element
        converts = not stops and take.leaf is not None and may_fail(take.leaf.rule)
        moving = moving or (not take.certain and take.kind != "peek") or converts
    for plan, _ in block.values:
        for element in plan.elements:
            fixed |= 1 << element
        moving = moving or (not stops and may_fail(plan.rule))
    for pairs in block.pairs:
        if isinstance(pairs.plan, PairsPlan) and inline(pairs.plan):
            fixed |= slot_bits(pairs.plan)
            rules = (pairs.plan.qualifier[1], pairs.plan.value[1])
            failing = not stops and any(map(may_fail, rules))
            moving = moving or bool(pairs.tests) or failing
    for pairs in block.pairs:
        # One value among pairs that a list takes anyhow changes nothing.
        moving = moving or bool(slot_bits(pairs.plan) & ~fixed & ~1)
    return fixed, moving


def _is_listed(take: PairTake) -> bool:
    return isinstance(take.plan, PairsPlan)


def slot_bits(plan: PairPlan | PairsPlan) -> int:
    """Return the elements that the pairs of a field stand in."""
    bits = 0
    for slot in plan.slots:
        bits |= 1 << slot.value | 1 << (slot.qualifier or 0)
    return bits


def may_fail(rule: ValueRule) -> bool:
    """Say whether reading a value by this rule can give a finding."""
    return rule.read is not None and rule.codes is None


def inline(plan: PairPlan | PairsPlan) -> bool:
    """Say whether the pairs are read without a call, as those of every order line are."""
    if isinstance(plan, PairsPlan):
        return not plan.shared
    values = [slot.value for slot in plan.slots]
    rule = plan.rule
    plain = rule.read is None and rule.fits is Fit.SURE and values == sorted(values)
    return plain and all(slot.qualifier for slot in plan.slots)
