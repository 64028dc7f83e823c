"""EDI/B2B partner gateway.

            bytes                 findings              document              deliveries
transports ───────▶ receive ▶ identify ▶ parse ▶ validate ▶ translate ▶ route ▶ deliver ───▶ ERP
     ▲                                      │
     └───────────── acknowledge ◀───────────┘

`gateway.pipeline.stages` holds one file for each word of that line.
"""
