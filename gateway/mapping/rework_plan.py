"""The plan of what is changed in whole documents: every key checked, all problems at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.mapping.checker import Checker
from gateway.mapping.document_shape import DocumentShape
from gateway.mapping.grammar import FieldSpec
from gateway.mapping.minus import Minus
from gateway.mapping.plan import Change, Recall, Rework
from gateway.mapping.rework import Otherwise, Scale, Tail, WrapEntries, WrapInto
from gateway.mapping.rework_grammar import MinusSpec, RecallSpec, ScaleSpec, TailSpec, WrapSpec
from gateway.mapping.shared_plans import Spot
from gateway.mapping.specs import Uses
from gateway.yaml_source import suggestion

_TURN = (Tail, WrapInto, WrapEntries, Minus, Scale, Otherwise)
"""In which order steps are taken: what is computed looks at what is whole."""

_KEYS = ("tail", "wrap", "scale", "otherwise", "recall")


@dataclass(frozen=True, slots=True)
class _Here:
    """The object whose fields are looked at."""

    path: tuple[str, ...]
    spot: Spot
    fields: Mapping[str, FieldSpec | str]
    listed: str = ""
    """The list that it is an entry of, where the list is made of segments."""


@dataclass(slots=True)
class Reworks:
    """Collects the steps of a map."""

    check: Checker
    uses: Callable[[Mapping[str, FieldSpec | str]], Uses]
    """Tells what fields make use of: most have no step in them."""
    steps: list[Rework]
    recalls: list[Recall]

    @classmethod
    def of(
        cls,
        fields: Mapping[str, FieldSpec | str],
        check: Checker,
        spot: Spot,
        uses: Callable[[Mapping[str, FieldSpec | str]], Uses],
    ) -> Reworks:
        """Plan the steps of a whole map."""
        made = cls(check, uses, [], [])
        made._look(_Here((), spot, fields))
        made.steps.sort(key=lambda one: _TURN.index(type(one.step)))
        return made

    def _look(self, here: _Here) -> None:
        for name, spec in here.fields.items():
            if isinstance(spec, str) or not self.uses({name: spec}).reworks:
                continue
            shape = here.spot.shape.member(name)
            if shape is None:
                continue  # What the model does not have was reported already.
            spot = here.spot.member(name, shape)
            for step, path in self._steps(name, spec, spot, here):
                self.steps.append(Rework(path, step))
            if spec.recall is not None:
                self._recall(name, spec.recall, spot, here)
            if spec.fields is not None:
                self._inside(name, spec, spot, here)

    def _inside(self, name: str, spec: FieldSpec, spot: Spot, here: _Here) -> None:
        many = "array" in spot.shape.kinds
        shape = spot.shape.entry if many else spot.shape
        shown = spot.shown + ("[]" if many else "")
        inner = replace(spot, path=(*spot.path, "fields"), shown=shown, shape=shape)
        listed = name if spec.each not in (None, ".") else ""
        self._look(_Here((*here.path, name), inner, spec.fields or {}, listed))

    def _steps(
        self, name: str, spec: FieldSpec, spot: Spot, here: _Here
    ) -> Iterator[tuple[Change, tuple[str, ...]]]:
        if spec.tail is not None and self._tail(spec.tail, spot, here):
            yield Tail(name, spec.tail.field, spec.tail.after), here.path
        if spec.wrap is not None:
            yield from self._wrap(name, spec.wrap, spot, here)
        if spec.scale is not None and self._scale(spec.scale, spot, here):
            scale = spec.scale
            by = tuple(scale.by.split("."))
            prices = tuple(scale.prices)
            yield Scale(name, by, scale.unit, scale.packs, scale.units, prices), here.path
        if spec.minus is not None:
            yield from self._minus(name, spec.minus, spot, here)
        if spec.otherwise is not None:
            made = self.check.computed(spec.otherwise, spot, "otherwise")
            if made is not None:
                yield Otherwise(name, made), here.path

    def _tail(self, spec: TailSpec, spot: Spot, here: _Here) -> bool:
        if spec.field in here.fields:
            message = f"'{spec.field}' has a place of its own"
            self.check.report(spot, message, "tail", "field")
            return False
        return self._text(spec.field, spot, here, "tail", "field")

    def _wrap(
        self, name: str, spec: WrapSpec, spot: Spot, here: _Here
    ) -> Iterator[tuple[Change, tuple[str, ...]]]:
        if spec.into is None:
            if not here.listed:
                message = "`wrap:` outside of `each:` needs `into:`, a list of texts beside it"
                self.check.report(spot, message, "wrap")
                return
            yield WrapEntries(here.listed, name, spec.width), here.path[:-1]
            return
        shape = self._known(spec.into, spot, here, "wrap", "into")
        if shape is None:
            return
        if "array" not in shape.kinds or "object" in shape.entry.kinds:
            self.check.report(spot, f"'{spec.into}' is no list of texts", "wrap", "into")
            return
        yield WrapInto(name, spec.width, spec.into), here.path

    def _scale(self, spec: ScaleSpec, spot: Spot, here: _Here) -> bool:
        known = self._path(spec.by, here.spot.shape)
        if not known:
            message = f"the document's model has no field '{spec.by}' here"
            self.check.report(spot, message, "scale", "by")
        named = [self._known(spec.unit, spot, here, "scale", "unit")]
        named += [self._known(one, spot, here, "scale", "prices") for one in spec.prices]
        return known and None not in named

    def _minus(
        self, name: str, spec: MinusSpec, spot: Spot, here: _Here
    ) -> Iterator[tuple[Change, tuple[str, ...]]]:
        text = spec.x12 or spec.document
        if text is None or (spec.x12 and spec.document):
            self.check.report(spot, "either `x12:` or `document:`, with a condition", "minus")
            return
        fields = {key: FieldSpec(at=one) if isinstance(one, str) else one
                  for key, one in here.fields.items()}  # fmt: skip
        condition = self.check.condition(text, replace(spot, siblings=fields), "minus")
        if condition is not None and condition.place is not None:
            message = f"'{text}': expected a field of the document, such as kind=allowance"
            self.check.report(spot, message, "minus")
        elif condition is not None:
            yield Minus(name, condition, spec.x12 is not None), here.path

    def _recall(self, name: str, spec: RecallSpec, spot: Spot, here: _Here) -> None:
        before = len(self.check.problems)
        own = spec.by.removeprefix("/")
        shape = self.check.model if spec.by.startswith("/") else here.spot.shape
        if shape.member(own) is None:
            hint = suggestion(own, shape.members)
            message = f"the document's model has no field '{own}'{hint}"
            self.check.report(spot, message, "recall", "by")
        keys = self.check.keys.get(spec.document)
        key = spec.key or own
        if keys is None:
            hint = suggestion(spec.document, self.check.keys)
            message = f"there is no document type '{spec.document}'{hint}"
            self.check.report(spot, message, "recall", "document")
        elif key not in keys:
            message = f"'{key}' is no business key of '{spec.document}': {', '.join(keys)}"
            self.check.report(spot, message, "recall", "key" if spec.key else "by")
        if len(self.check.problems) == before:
            field = tuple(spec.field.split("."))
            root = spec.by.startswith("/")
            self.recalls.append(
                Recall(
                    here.path, name, spec.document, own, root, key, field,
                    same_partner=spec.partner == "same",
                    required=spec.required, default=spec.default,
                )
            )  # fmt: skip

    def _text(self, name: str, spot: Spot, here: _Here, *keys: str) -> bool:
        shape = self._known(name, spot, here, *keys)
        if shape is not None and shape.kinds and "string" not in shape.kinds:
            self.check.report(spot, f"'{name}' is no text in the document's model", *keys)
            return False
        return shape is not None

    def _known(self, name: str, spot: Spot, here: _Here, *keys: str) -> DocumentShape | None:
        shape = here.spot.shape.member(name)
        if shape is None:
            hint = suggestion(name, here.spot.shape.members)
            self.check.report(spot, f"the document's model has no field '{name}'{hint}", *keys)
        return shape

    def _path(self, text: str, shape: DocumentShape) -> bool:
        inner: DocumentShape | None = shape
        for part in text.split("."):
            if inner is not None and "array" in inner.kinds:
                inner = inner.entry
            inner = inner.member(part) if inner is not None and not part.isdigit() else inner
        return inner is not None
