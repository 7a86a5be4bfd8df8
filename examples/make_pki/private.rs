//! Folders and files that only their owner can read, on systems with Unix permissions.
//!
//! On other systems they inherit the permissions of the folder above: make them in a folder that
//! only you can read.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a new folder.
pub fn create_folder(path: &Path) -> io::Result<()> {
    #[cfg_attr(not(unix), expect(unused_mut))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes an existing folder readable by its owner only.
#[allow(dead_code)] // one of the programs that share this file does not call it
pub fn close_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let owner = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(path, owner)?;
    }
    path.metadata().map(drop)
}

/// Makes a new file.
pub fn create_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
