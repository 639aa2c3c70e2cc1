"""What of the catalogue comes in by file (CONTRACT §4.3): products, and prices of a pricebook."""
