//! The folder with the keys: nobody else's, and nothing in it is overwritten.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::private;

/// A folder that was empty.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder, or takes an empty one.
    pub(crate) fn create(path: &Path) -> Result<Self, String> {
        let failed = |error| format!("{}: {error}", path.display());
        match private::create_folder(path) {
            Ok(()) => return Ok(Self(path.into())),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        if fs::read_dir(path).map_err(failed)?.next().is_some() {
            return Err(format!(
                "{}: the folder is not empty, and keys are not overwritten; name one that is not there yet",
                path.display()
            ));
        }
        private::close_folder(path).map_err(failed)?;
        Ok(Self(path.into()))
    }

    /// A folder in it that is not there yet.
    pub(crate) fn inner(&self, name: &str) -> Result<Self, String> {
        Self::create(&self.0.join(name))
    }

    /// Writes a file that is not there yet.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> Result<(), String> {
        let path = self.0.join(name);
        private::create_file(&path)
            .and_then(|mut file| file.write_all(contents.as_ref()))
            .map_err(|error| format!("{}: {error}", path.display()))
    }
}
