"""The same packages as the product: outbound."""
