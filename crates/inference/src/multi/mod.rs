//! A pack with one network and many tasks (format 2): what it is ([`describe`]), how it is read and
//! proven ([`load`]), and what it says about a picture ([`look`]).
//!
//! A pack either brings its own network, or its heads stand on the network of another pack that it
//! names by hash. The second kind exists for licences: a network is made of open pictures only, and
//! heads made of pictures with other terms are packs of their own that a site may leave out.

pub mod describe;
pub mod load;
pub mod look;
