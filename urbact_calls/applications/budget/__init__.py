"""The budget of an application: partners by cost categories, and who pays."""
