"""The sources of exports: each kind of configuration with the transport that serves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway.app.http_calls import authenticator_of, identity_of, mask_of
from gateway.app.masking import MaskedSource
from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.exports.sources import (
    CursorPaging,
    FolderSource,
    HttpSource,
    LinkPaging,
    ODataSource,
    OffsetPaging,
    PagePaging,
    RestSource,
    RpcSource,
    SourceSettings,
    SqlSource,
)
from gateway.config.exports.sources import Paging as PagingSettings
from gateway.pipeline.exports.source import Source
from gateway.secrets import Mask, Template, Vault
from gateway.shaping import Json, JsonTemplate, Selection, UrlTemplate

if TYPE_CHECKING:
    from gateway.transports.sources.rest import Paging
    from gateway.transports.sources.web import Address, Web


def source_of(settings: SourceSettings, name: str, instance: Instance, *, clock: Clock) -> Source:
    """Return the source of an export; its secrets stand in nothing that it says."""
    match settings:
        case SqlSource():
            return _sql(settings, instance.vault)
        case FolderSource():
            return _folder(settings, name, instance, clock)
        case RestSource() | ODataSource() | RpcSource():
            mask = mask_of(settings, instance.vault)
            if isinstance(settings, RpcSource):
                for template in settings.secrets.values():
                    mask.learn(instance.vault.reveal(template))
            web, address = _web(settings, instance.vault, mask, clock)
            source = _over_http(settings, web, address, instance.vault)
            return MaskedSource(_completed(source, settings, web, address, instance.vault), mask)


def _web(settings: HttpSource, vault: Vault, mask: Mask, clock: Clock) -> tuple[Web, Address]:
    from gateway.transports.sources.web import Address, Web

    url = vault.reveal(settings.url)
    parts = urlsplit(url)
    shown = "the source's address" if settings.url.text.startswith("${") else (
        f"{parts.scheme}://{parts.netloc}{parts.path}"
    )  # fmt: skip
    address = Address(
        url,
        mask.text(shown),
        settings.revealed_headers(vault),
        settings.timeout,
        identity_of(settings.tls, vault.home),
    )
    authenticator = authenticator_of(settings.auth, vault, mask, clock=clock)
    return Web(address, authenticator, clock=clock), address


def _over_http(
    settings: RestSource | ODataSource | RpcSource, web: Web, address: Address, vault: Vault
) -> Source:
    from gateway.transports.sources import odata, rest, rpc

    match settings:
        case RestSource():
            asked = rest.RestQuestion(
                Selection.compile(settings.records),
                settings.query,
                _paging(settings.paging),
                post=settings.method == "POST",
            )
            return rest.RestSource(web, address, asked)
        case ODataSource():
            set_of = odata.ODataQuestion(
                settings.version,
                settings.filter,
                settings.since,
                settings.orderby,
                settings.select,
                settings.expand,
                settings.top,
            )
            return odata.ODataSource(web, address, set_of)
        case RpcSource():
            called = rpc.RpcQuestion(
                settings.type,
                settings.call,
                JsonTemplate(settings.params),
                Selection.compile(settings.records),
                settings.size,
                {name: vault.reveal(text) for name, text in settings.secrets.items()},
            )
            return rpc.RpcSource(web, address, called)


def _completed(
    source: Source, settings: HttpSource, web: Web, address: Address, vault: Vault
) -> Source:
    """Return a source that asks further about each record, where the export says so."""
    from gateway.transports.sources.completed import CompletedSource, Question

    if not settings.also:
        return source
    questions = [
        Question(name, _address(one.url, vault), Selection.compile(one.find))
        for name, one in settings.also.items()
    ]
    return CompletedSource(source, web, questions, shown=address.shown)


def _address(url: Template, vault: Vault) -> Callable[[Json], str]:
    template = UrlTemplate(url.text)
    # What comes out of the record is percent-encoded: no reference can be among it.
    return lambda record: vault.reveal(Template(template.render(record, {}).decode()))


def _paging(settings: PagingSettings | None) -> Paging:
    from gateway.transports.sources.rest import Paging

    match settings:
        case CursorPaging():
            return Paging("cursor", Selection.compile(settings.next), settings.parameter)
        case LinkPaging():
            link = Selection.compile(settings.link) if settings.link else None
            return Paging("next_link", link)
        case PagePaging():
            return Paging(
                "page",
                None,
                settings.parameter,
                settings.size_parameter,
                settings.size,
                settings.first,
            )
        case OffsetPaging():
            return Paging(
                "offset", None, settings.parameter, settings.size_parameter, settings.size
            )
        case None:
            return Paging()


def _sql(settings: SqlSource, vault: Vault) -> Source:
    from gateway.transports.sources.sql import SqlQuestion, SqlSource

    url = vault.reveal(settings.url)
    question = SqlQuestion(url, settings.query, settings.page, settings.timeout)
    return MaskedSource(SqlSource(question), Mask(vault.values(settings.url)))


def _folder(settings: FolderSource, name: str, instance: Instance, clock: Clock) -> Source:
    from gateway.transports.sources.folder import FolderQuestion, FolderSource

    archive = settings.archive or f"{instance.settings.folders.archive}/exports/{name}"
    question = FolderQuestion(
        instance.path(settings.path),
        instance.path(archive),
        Selection.compile(settings.records),
        settings.format,
        settings.names,
        settings.ignore,
        settings.stable_for,
        settings.delimiter,
        settings.encoding,
    )
    return FolderSource(question, clock=clock)
