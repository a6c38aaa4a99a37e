"""What the protocols are: the words of a declaration (`model`, `types`, `codes`), and one folder per dialect.

Declarations only. `dialects` names the sets; whatever decodes or explains is handed one.
"""
