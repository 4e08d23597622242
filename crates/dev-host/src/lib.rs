//! dev-host
