"""GED-188, the CTI Server protocol of Cisco Unified CCE: constants, floating fields, and one file per class of messages."""
