# SPDX-License-Identifier: GPL-3.0-or-later
"""The five languages of what people read: catalogues in the form that translators know (.po), the English text as key.

A test holds them complete: what templates and code say as `_("…")` stands in every catalogue.
"""

LANGUAGES = {"en": "English", "fr": "Français", "de": "Deutsch", "it": "Italiano", "es": "Español"}
"""Codes, with the names that the languages give themselves."""
ENGLISH = "en"
