//! What the fuzz targets share: reading inputs, certificates to start from, edits that keep DER
//! well-formed, and signatures that hold without keys.

pub mod edit;
pub mod forge;
pub mod input;
pub mod revoking;
pub mod samples;
pub mod scenario;
pub mod stub;
