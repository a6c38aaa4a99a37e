"""What the messages mean: exchanges, sessions, calls, agents, findings, statistics.

Every analysis takes the events of a stream one by one (`feed`) and gives results as soon as they are settled; `flush`
gives what is left when there is nothing more to come. Memory grows with what is open, never with the capture. Nothing
here knows a message, a field or a constant by name: the marks, traits and senses of the declarations say it all.
"""
