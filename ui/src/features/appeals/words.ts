import * as m from "../../paraglide/messages";
import type { AppealState, ContactChannel, DonorChannel, Figure, MessageReply, MessageState, NotAsked } from "../../wire";
import type { StatusKind } from "../../design";

export const stateWords: Record<AppealState, () => string> = {
  runs: m.appeals_state_runs, over: m.appeals_state_over, enough: m.appeals_state_enough, no_longer_needed: m.appeals_state_no_longer_needed,
};
export const stateKind = (state: AppealState): StatusKind => (state === "runs" ? "notice" : state === "enough" ? "good" : "inactive");

export const channelWords: Record<ContactChannel, () => string> = {
  sms: m.appeals_channel_sms, voice: m.appeals_channel_voice, email: m.appeals_channel_email, call_list: m.appeals_channel_call_list,
};
export const agreedWords: Record<DonorChannel, () => string> = {
  sms: m.appeals_contact_sms, call: m.appeals_contact_call, email: m.appeals_contact_email, post: m.appeals_contact_post,
};
export const whyNotWords: Record<NotAsked, () => string> = {
  stopped: m.appeals_why_stopped, no_agreement: m.appeals_why_no_agreement, deferred: m.appeals_why_deferred, not_yet_eligible: m.appeals_why_not_yet_eligible,
  not_available: m.appeals_why_not_available, asked_recently: m.appeals_why_asked_recently, other_group: m.appeals_why_other_group, too_far: m.appeals_why_too_far,
  distance_unknown: m.appeals_why_distance_unknown, same_person: m.appeals_why_same_person,
  expected: m.appeals_why_expected, reminded: m.appeals_why_reminded,
};
export const messageWords: Record<MessageState, () => string> = {
  waits: m.appeals_msg_waits, held: m.appeals_msg_held, to_call: m.appeals_msg_to_call, over: m.appeals_msg_over, sent: m.appeals_msg_sent,
  delivered: m.appeals_msg_delivered, failed: m.appeals_msg_failed, replied: m.appeals_msg_replied, donated: m.appeals_msg_donated, purged: m.appeals_msg_purged,
};
export const messageKind = (state: MessageState): StatusKind => {
  switch (state) {
    case "to_call": return "notice";
    case "waits": case "held": case "failed": return "caution";
    case "donated": case "replied": return "good";
    case "sent": case "delivered": return "notice";
    case "over": case "purged": return "inactive";
  }
};
export const replyWords: Record<MessageReply, () => string> = {
  yes: m.appeals_reply_yes, no: m.appeals_reply_no, later: m.appeals_reply_later, stop: m.appeals_reply_stop, not_understood: m.appeals_reply_not_understood,
};

/** 1/10 000 as a percentage with one decimal where it says something. */
export function percent(share: number): string {
  const value = share / 100;
  return Number.isInteger(value) || value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}

/** A share as its own sentence: the number, what it is of, and how sure it is. */
export function figureLines(figure: Figure, of: (numerator: number, denominator: number) => string, interval: (low: string, high: string) => string): { share: string | null; of: string; interval: string | null } {
  return {
    // From the two counts: the share of the wire is rounded once already, and twice makes 53.9 of 7 in 13.
    share: figure.share === null ? null : `${percent(figure.denominator > 0 ? (10_000 * figure.numerator) / figure.denominator : figure.share)} %`,
    of: of(figure.numerator, figure.denominator),
    interval: figure.low === null || figure.high === null ? null : interval(percent(figure.low), percent(figure.high)),
  };
}
