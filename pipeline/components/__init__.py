"""The spaCy components of medtables, Doc -> Doc. Importing this package imports none of them."""
