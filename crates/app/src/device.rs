//! The id of this installation.

use call::{DeviceId, IdSource as _};
use store::{Change, Loaded, Store, StoreError};

use crate::clock::OsIds;

/// Its key in the store.
const DEVICE: &str = "device";

/// The id of this installation, made at its first start.
pub(crate) async fn of(store: &Store, loaded: &Loaded) -> Result<DeviceId, StoreError> {
    let kept = loaded.settings.get(DEVICE).and_then(|json| serde_json::from_str(json).ok());
    if let Some(device) = kept {
        return Ok(device);
    }
    let device = DeviceId::new(OsIds.fresh());
    let json = format!("\"{device}\"");
    store.commit(vec![Change::PutSetting { key: DEVICE.to_owned(), json }]).await?;
    Ok(device)
}
