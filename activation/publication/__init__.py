"""The queries of publication, one module per thing that is served."""
