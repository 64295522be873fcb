use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::StoreError;

const DATABASE: &str = "mailcall.db";
const LOCK: &str = "lock";
const SECRETS: &str = "secrets";

/// The directory that holds everything Mailcall remembers for one user.
#[derive(Clone, Debug)]
pub struct DataDir {
    path: PathBuf,
}

/// While this value lives, the data directory belongs to this process; the operating system frees it when the
/// process ends, however it ends.
#[derive(Debug)]
pub struct DataDirLock {
    _file: File,
}

impl DataDir {
    /// Claims a data directory for this process, making it if need be. [`StoreError::InUse`] if another process
    /// (the native app, or `mailcalld`) has it.
    pub fn lock(dir: &Path) -> Result<DataDirLock, StoreError> {
        let dir = Self::prepare(dir)?;
        let file = private_file(&dir.path.join(LOCK)).map_err(StoreError::from_io)?;
        match file.try_lock() {
            Ok(()) => Ok(DataDirLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(error)) => Err(StoreError::from_io(error)),
        }
    }

    /// Makes the directory, readable by its owner alone.
    ///
    /// A directory that was there before and holds other things is left as it is (nobody wants `--data-dir ~` to
    /// close a home directory), but not used if others may write to it. Every file in it is private anyway.
    pub(crate) fn prepare(path: &Path) -> Result<Self, StoreError> {
        make_private_dir(path).map_err(StoreError::from_io)?;
        let dir = Self { path: path.to_owned() };
        #[cfg(unix)]
        dir.close_to_others()?;
        Ok(dir)
    }

    #[cfg(unix)]
    fn close_to_others(&self) -> Result<(), StoreError> {
        use std::os::unix::fs::PermissionsExt;

        let mode = fs::metadata(&self.path).map_err(StoreError::from_io)?.permissions().mode();
        if mode & 0o077 == 0 {
            return Ok(());
        }
        let empty = fs::read_dir(&self.path).map_err(StoreError::from_io)?.next().is_none();
        if empty {
            fs::set_permissions(&self.path, fs::Permissions::from_mode(0o700)).map_err(StoreError::from_io)
        } else if mode & 0o022 != 0 {
            Err(StoreError::NotPrivate)
        } else {
            Ok(())
        }
    }

    /// The database file.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Where secrets are that are kept in files.
    pub(crate) fn secrets(&self) -> PathBuf {
        secrets_below(&self.path)
    }
}

/// Where secrets are that are kept in files, in the data directory at `path`.
pub(crate) fn secrets_below(path: &Path) -> PathBuf {
    path.join(SECRETS)
}

/// Makes a directory and those above it, for its owner alone; leaves an existing one as it is.
pub(crate) fn make_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file for writing, making it if need be, and sees to it that only its owner may read it.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(file)
}

/// Replaces a file as a whole: after a crash or a power cut it has the old content or the new, and only its owner
/// may read it.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let fresh = unfinished(path);
    let mut file = private_file(&fresh)?;
    let written = file.set_len(0).and_then(|()| file.write_all(content)).and_then(|()| file.sync_all());
    drop(file);
    if let Err(error) = written.and_then(|()| fs::rename(&fresh, path)) {
        // The old content is untouched; what is half written must not stay.
        let _ = fs::remove_file(&fresh);
        return Err(error);
    }
    sync_parent(path)
}

/// Removes what a crash may have left of a [`write_private`].
pub(crate) fn remove_unfinished(path: &Path) {
    let _ = fs::remove_file(unfinished(path));
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// Makes the names in a file's directory outlive a power cut.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(parent) = path.parent() {
        File::open(parent)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
