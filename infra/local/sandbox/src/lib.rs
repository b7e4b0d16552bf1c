//! A generated town behind real provider protocols
