"""Cisco Unified CCX CTI: constants, floating fields, and one file per class of messages."""
