//! Contact services and mail hosts.
