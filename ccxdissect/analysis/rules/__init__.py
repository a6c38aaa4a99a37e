"""The rules of the findings: one small function each, by what they watch, registered with a name and how grave it is.

A new rule is one more function in one of these files. A rule is given what it watches and the context; it yields what
it has to say: one plain sentence, then what to do. Never the value of a secret.
"""

from ccxdissect.analysis.rules import agents, connecting, content, exchanges, losses, sessions, unseen
from ccxdissect.analysis.rules.registry import RULES

__all__ = ["RULES", "agents", "connecting", "content", "exchanges", "losses", "sessions", "unseen"]
