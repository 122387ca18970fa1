"""Translations: extraction of texts, catalogues (.po, .mo) and batches for translators.

`python -m fer_lms.translations` is the command; docs/contributor/translation.md describes it.
"""
