//! The Hunter on one machine: the embedded cloud and the command line
