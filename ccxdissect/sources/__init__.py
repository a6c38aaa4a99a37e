"""Where events come from, and what is asked of them: captures, logs and live traffic behind one door, the trace.

Free of the command line: commands shrink to options, one call and a view. Only `options` names a dialect's set.
"""
