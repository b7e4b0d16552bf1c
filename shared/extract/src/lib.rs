//! Facts out of web pages: pure functions over bytes
