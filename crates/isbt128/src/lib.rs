//! isbt128
