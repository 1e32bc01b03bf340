//! Corners of call frames that no public vector has.
