//! How much blood to hold, where it should lie, and what would happen if something changed
//! (bloodbank.md section 4).
//!
//! From the need of the past days ([`Series`]) comes a [`Forecast`] with an interval; from that a
//! [`Target`] and a suggested order ([`suggest`]); from the shelves of several sites the list of
//! units that are likelier used elsewhere ([`offers`]); from all of them together the answer to
//! "what if". Which unit goes to which patient is decided by `bloodbank` alone.
//!
//! Everything is a pure function. The crate refuses to know about storage, screens and the clock, and
//! it decides nothing: it suggests, and a person orders, sends and sets the targets. Every number that
//! a hospital may want to change stands in [`Settings`] with its source.

mod demand;
mod forecast;
mod law;
mod o_negative;
mod order;
mod redistribute;
mod settings;
pub mod sim;
mod watch;
mod what_if;

pub use demand::{Common, Needs, Series, Week, usually_given};
pub use forecast::{BackTest, Expected, Forecast, Method, forecast, pooled};
pub use law::Law;
pub use o_negative::ONegativeRule;
pub use order::{OrderLine, Position, Site, Target, Why, rows, suggest, target};
pub use redistribute::{Lying, Offer, Shelf, Unlikely, offers, unlikely};
pub use settings::{BadSettings, Exchange, Floor, Service, Settings};
pub use watch::{Band, Cover, band, cover};
pub use what_if::{Answer, Change, Figures, NoAnswer, what_if};
