//! HTTP clients of outside services and readers of place files
