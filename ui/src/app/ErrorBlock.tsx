import { Component, type ErrorInfo, type ReactNode, useEffect, useState } from "react";
import type { CommandFailed } from "../backend";
import { Button, RefusalBlock } from "../design";
import * as m from "../paraglide/messages";
import { errorWords } from "./errors";

/** Any failed command as a calm sentence: what, why, what to do now; a fault with its incident number. */
export function ErrorBlock({ error, title, actions }: { error: CommandFailed; title?: string; actions?: ReactNode }) {
  const words = errorWords(error);
  return (
    <RefusalBlock
      title={title ?? words.title}
      why={title ? words.title : words.why}
      doNow={words.doNow}
      code={error.code.toUpperCase()}
      kind={error.kind === "needs_override" ? "caution" : "critical"}
      actions={actions}
    />
  );
}

/** Short enough to be read over the telephone; the console of this computer has the same number. */
function newIncident(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return `P-${Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("").toUpperCase()}`;
}

function StoppedBlock({ incident, onAgain }: { incident: string; onAgain(): void }) {
  return (
    <RefusalBlock
      title={m.shell_stopped_title()}
      why={m.shell_stopped_why()}
      doNow={m.shell_stopped_do({ incident })}
      code={incident}
      actions={<Button onPress={onAgain}>{m.shell_stopped_again()}</Button>}
    />
  );
}

/** For the router, whose own boundary would show its own words. */
export function Stopped({ error, reset }: { error: unknown; reset(): void }) {
  const [incident] = useState(newIncident);
  useEffect(() => console.error(incident, error), [incident, error]);
  return <StoppedBlock incident={incident} onAgain={reset} />;
}

interface BoundaryState { incident: string | null }

/** A part of the page that broke says so, with a number, and leaves the rest of the page standing. */
export class ErrorBoundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { incident: null };

  static getDerivedStateFromError(): BoundaryState {
    return { incident: newIncident() };
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error(this.state.incident, error, info.componentStack);
  }

  override render() {
    if (!this.state.incident) return this.props.children;
    return <StoppedBlock incident={this.state.incident} onAgain={() => this.setState({ incident: null })} />;
  }
}
