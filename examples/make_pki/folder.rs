//! The folder that is written to. Only its owner can read it, and no file is overwritten.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::private;

/// A folder that was new or empty.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder, or takes one that is empty.
    pub(crate) fn create(path: &Path) -> Result<Self, String> {
        let failed = |error| format!("{}: {error}", path.display());
        match private::create_folder(path) {
            Ok(()) => return Ok(Self(path.into())),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        if fs::read_dir(path).map_err(failed)?.next().is_some() {
            return Err(format!(
                "{}: the folder is not empty, and keys are never overwritten; name a new folder",
                path.display()
            ));
        }
        private::close_folder(path).map_err(failed)?;
        Ok(Self(path.into()))
    }

    /// Makes a folder in it.
    pub(crate) fn inner(&self, name: &str) -> Result<Self, String> {
        Self::create(&self.0.join(name))
    }

    /// Writes a new file.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> Result<(), String> {
        let path = self.0.join(name);
        private::create_file(&path)
            .and_then(|mut file| file.write_all(contents.as_ref()))
            .map_err(|error| format!("{}: {error}", path.display()))
    }
}
