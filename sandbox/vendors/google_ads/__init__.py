"""The look-alike of Google Ads customer match."""
