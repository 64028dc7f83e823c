"""Where the records of exports come from, by the port `gateway.pipeline.exports.source`."""
