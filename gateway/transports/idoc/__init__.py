"""IDocs as XML: segments under a control record."""
