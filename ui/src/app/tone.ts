/**
 * What a wrong scan sounds like: two short low tones, unlike the scanner's own beep, so that whoever looks at the bag
 * and not at the screen hears it. Where there is no sound the words on the screen say it alone.
 */
const pitch = 196;
const seconds = 0.11;
const pause = 0.06;

let sound: AudioContext | null = null;

export function errorTone() {
  if (typeof AudioContext === "undefined") return;
  try {
    sound ??= new AudioContext();
    // A window that nobody has touched yet may not sound; it is asked and not waited for.
    void sound.resume().catch(() => {});
    for (const start of [0, seconds + pause]) {
      const at = sound.currentTime + start;
      const tone = sound.createOscillator();
      const gain = sound.createGain();
      tone.type = "square";
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0.12, at);
      gain.gain.setTargetAtTime(0, at + seconds - 0.02, 0.008);
      tone.connect(gain).connect(sound.destination);
      tone.start(at);
      tone.stop(at + seconds + pause);
    }
  } catch {
    // No loudspeaker: nothing else is lost.
  }
}
