"""`exports/*.yaml`: records of an ERP that become documents for partners, by a schedule."""

from gateway.config.exports.export import ExportFile

__all__ = ["ExportFile"]
