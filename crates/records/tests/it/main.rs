//! What `records` adds to the domains: shapes that are read for ever, and what follows by itself.

mod care;
mod donors;
mod golden;
mod lab;
mod policy;
mod samples;
mod versions;
