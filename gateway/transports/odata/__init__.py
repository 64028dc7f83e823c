"""OData 2 and 4: entities written, with the tokens and tags that services want."""
