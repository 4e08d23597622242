//! bloodbank
