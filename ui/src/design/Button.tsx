import { type ReactNode, useId } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps, type PressEvent } from "react-aria-components";
import { Icon, type IconName } from "./Icon";
import { Tooltip } from "./overlay";

export interface ButtonProps extends Pick<AriaButtonProps, "onPress" | "type" | "autoFocus" | "form" | "id" | "aria-expanded" | "aria-controls" | "slot"> {
  children: ReactNode;
  /** One primary per region; danger is outlined and stands apart. */
  variant?: "primary" | "secondary" | "quiet" | "danger";
  /** lg for bedside and counter acts, sm inside rows and heads. */
  size?: "sm" | "md" | "lg";
  icon?: IconName;
  /** The key that does the same, printed on the button. */
  kbd?: string;
  /** The act is under way: the button keeps its words and takes no second press. */
  pending?: boolean;
  /** Why it cannot be pressed yet, in words. The button stays reachable so that the reason can be read. */
  notNow?: string;
  className?: string;
}

/** A button says the act and its object ("Reserve unit 1"), never OK or Yes. */
export function Button({ children, variant = "secondary", size = "md", icon, kbd, pending, notNow, onPress, className, type = "button", ...rest }: ButtonProps) {
  const reason = useId();
  const acts = variant === "primary" || variant === "danger";
  /** Nothing is done while a number beside it cannot be: the act would go as if that number had not been written. */
  function press(event: PressEvent) {
    const within = event.target.closest("[role=dialog], [role=alertdialog]") ?? document;
    const outside = acts ? within.querySelector<HTMLInputElement>("[data-outside] input") : null;
    if (outside) outside.focus();
    else onPress?.(event);
  }
  // The same tree whether it may be pressed or not: a button drawn anew would lose the focus that stands on it.
  return (
    <>
      <Tooltip text={notNow ?? ""} off={!notNow}>
        <AriaButton
          {...rest}
          // A button that cannot act must not submit a form either.
          type={notNow ? "button" : type}
          isPending={pending}
          onPress={notNow || !onPress ? undefined : press}
          className={`hs-btn ${className ?? ""}`}
          data-variant={variant}
          data-size={size}
          data-off={notNow ? true : undefined}
          aria-disabled={notNow ? true : undefined}
          aria-describedby={notNow ? reason : undefined}
        >
          {pending ? <span className="hs-spin" aria-hidden="true" /> : icon && <Icon name={icon} size={size === "lg" ? 20 : 16} />}
          {children}
          {kbd && <kbd className="hs-kbd" aria-hidden="true">{kbd}</kbd>}
        </AriaButton>
      </Tooltip>
      {notNow && <span id={reason} className="hs-vh">{notNow}</span>}
    </>
  );
}

/** Only for close, more and filter: everything else has its word beside the icon. */
export function IconButton({ icon, label, size = "md", onPress, slot }: { icon: IconName; label: string; size?: "sm" | "md"; onPress?: () => void; slot?: string }) {
  return (
    <AriaButton className="hs-btn" data-variant="quiet" data-size={size} data-icon-only aria-label={label} onPress={onPress} slot={slot}>
      <Icon name={icon} />
    </AriaButton>
  );
}

/** A key as it is printed on the keyboard. */
export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className="hs-kbd">{children}</kbd>;
}
