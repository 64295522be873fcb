//! The ring tone. A page that nobody has clicked may not make a sound, so the shell plays it, with whatever player
//! the system has.

use std::{
    f32::consts::TAU,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tauri::async_runtime::JoinHandle;
use tokio::process::Command;

const RATE: u32 = 22_050;
const PLAYERS: [(&str, &[&str]); 4] =
    [("pw-play", &[]), ("paplay", &[]), ("aplay", &["-q"]), ("afplay", &[])];

/// Plays until it is dropped.
pub(crate) struct Tone(JoinHandle<()>);

impl Tone {
    /// Starts to ring; softly during another call.
    pub(crate) fn start(data_dir: &Path, softly: bool) -> Self {
        let file = data_dir.join(if softly { "ring-soft.wav" } else { "ring.wav" });
        Self(tauri::async_runtime::spawn(async move {
            if let Err(error) = ring(file, softly).await {
                tracing::warn!(%error, "the ring tone cannot be played");
            }
        }))
    }
}

impl Drop for Tone {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn ring(file: PathBuf, softly: bool) -> io::Result<()> {
    keep(&file, &wav(&melody(if softly { 0.08 } else { 0.4 })))?;
    loop {
        if !play(&file).await {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "no player (pw-play, paplay, aplay, afplay)",
            ));
        }
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }
}

/// Writes the tone down, unless it is there: what a full disk cut off is none.
fn keep(file: &Path, tone: &[u8]) -> io::Result<()> {
    if fs::metadata(file).is_ok_and(|kept| kept.len() == tone.len() as u64) {
        return Ok(());
    }
    fs::write(file, tone)
}

/// Plays the file once; false if no player could.
async fn play(file: &Path) -> bool {
    for (player, arguments) in PLAYERS {
        let child = Command::new(player)
            .args(arguments)
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .status();
        if child.await.is_ok_and(|status| status.success()) {
            return true;
        }
    }
    false
}

/// Two rising pairs of notes, each fading: about a second.
fn melody(loudness: f32) -> Vec<i16> {
    let notes = [(587.33, 0.0), (783.99, 0.18), (587.33, 0.5), (783.99, 0.68)];
    let mut samples = vec![0_f32; (RATE as f32 * 1.2) as usize];
    for (pitch, start) in notes {
        let first = (start * RATE as f32) as usize;
        for (i, sample) in samples.iter_mut().skip(first).enumerate() {
            let t = i as f32 / RATE as f32;
            let attack = (t / 0.01).min(1.0);
            *sample += (TAU * pitch * t).sin() * (-t * 7.0).exp() * attack * loudness;
        }
    }
    samples.into_iter().map(|sample| (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16).collect()
}

/// A RIFF/WAVE file: one channel, 16 bits.
fn wav(samples: &[i16]) -> Vec<u8> {
    let size = u32::try_from(samples.len() * 2).unwrap_or_default();
    let mut out = Vec::with_capacity(samples.len() * 2 + 44);
    out.extend(b"RIFF");
    out.extend((36 + size).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16_u32.to_le_bytes());
    out.extend(1_u16.to_le_bytes());
    out.extend(1_u16.to_le_bytes());
    out.extend(RATE.to_le_bytes());
    out.extend((RATE * 2).to_le_bytes());
    out.extend(2_u16.to_le_bytes());
    out.extend(16_u16.to_le_bytes());
    out.extend(b"data");
    out.extend(size.to_le_bytes());
    out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tone_is_a_whole_wave_file_that_is_not_silent() {
        let samples = melody(0.4);
        let file = wav(&samples);
        assert_eq!(file.len(), 44 + samples.len() * 2);
        assert!(samples.iter().any(|sample| sample.unsigned_abs() > 8000));
    }

    #[test]
    fn a_tone_that_a_full_disk_cut_off_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ring.wav");
        fs::write(&file, b"RIF").unwrap();
        let tone = wav(&melody(0.4));
        keep(&file, &tone).unwrap();
        assert_eq!(fs::read(&file).unwrap(), tone);
    }

    #[test]
    fn a_soft_tone_is_softer() {
        let peak = |loudness| melody(loudness).into_iter().map(i16::unsigned_abs).max();
        assert!(peak(0.08) < peak(0.4));
    }
}
