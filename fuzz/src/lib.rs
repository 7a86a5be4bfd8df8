//! Code that the fuzz targets share: reading inputs, sample certificates, edits that keep DER
//! well-formed, and signatures without keys.

pub mod edit;
pub mod forge;
pub mod input;
pub mod revoking;
pub mod samples;
pub mod scenario;
pub mod stub;
