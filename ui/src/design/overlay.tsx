import { type ComponentType, createContext, type ReactElement, type ReactNode, use, useSyncExternalStore } from "react";
import {
  Dialog as AriaDialog,
  Heading,
  Menu as AriaMenu,
  MenuItem,
  MenuTrigger,
  Modal,
  ModalOverlay,
  Popover,
  Tooltip as AriaTooltip,
  TooltipTrigger,
} from "react-aria-components";
import * as m from "../paraglide/messages";
import { Button, Kbd } from "./Button";
import { Icon, type IconName } from "./Icon";
import { Shape, type StatusKind } from "./status";

/** `off` keeps it shut without taking it out of the tree. */
export function Tooltip({ text, off, children }: { text: ReactNode; off?: boolean; children: ReactElement }) {
  return (
    <TooltipTrigger delay={400} closeDelay={80} isDisabled={off}>
      {children}
      <AriaTooltip className="hs-tip" offset={6}>{text}</AriaTooltip>
    </TooltipTrigger>
  );
}

export interface MenuAction {
  id: string;
  label: string;
  icon?: IconName;
  kbd?: string;
  /** Why it is off; also shown at the end of the row. */
  notNow?: string;
  variant?: "danger";
  onAction(): void;
}

/** A button that opens a list of acts. */
export function Menu({ trigger, items, label }: { trigger: ReactElement; items: MenuAction[]; label: string }) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className="hs-pop" offset={4}>
        <AriaMenu className="hs-list" aria-label={label} items={items} disabledKeys={items.filter((i) => i.notNow).map((i) => i.id)}>
          {(item) => (
            <MenuItem id={item.id} textValue={item.label} onAction={item.onAction} className="hs-item" data-variant={item.variant}>
              {item.icon && <Icon name={item.icon} />}
              <span className="grow">{item.label}</span>
              {item.notNow && <span className="hs-meta">{item.notNow}</span>}
              {item.kbd && <Kbd>{item.kbd}</Kbd>}
            </MenuItem>
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

/** What stands first in every dialog. The program puts there what it has to say inside one; the design knows none of it. */
export const DialogHead = createContext<ComponentType | null>(null);

export interface DialogProps {
  isOpen: boolean;
  /** Called on Escape, on the scrim (unless `keepOpen`) and by the caller's own buttons. */
  onClose(): void;
  title: string;
  /** A status line above the title, such as the rule that was met. */
  above?: ReactNode;
  children: ReactNode;
  /** Buttons at the start edge: the safe one, which takes the focus with `autoFocus`. */
  footer?: ReactNode;
  /** Buttons at the far end: the dangerous one. */
  footerEnd?: ReactNode;
  size?: "sm" | "md" | "lg";
  /** A press beside the dialog does not close it; for dialogs that hold typed work. */
  keepOpen?: boolean;
  role?: "dialog" | "alertdialog";
}

/** A long text without a control in it must be scrolled by keys too: it can be focused where it does not fit. */
function reachable(body: HTMLDivElement | null) {
  if (body && body.scrollHeight > body.clientHeight && !body.querySelector("button, a[href], input, select, textarea")) body.tabIndex = 0;
}

export function Dialog({ isOpen, onClose, title, above, children, footer, footerEnd, size = "md", keepOpen, role = "dialog" }: DialogProps) {
  const Head = use(DialogHead);
  return (
    <ModalOverlay className="hs-scrim" isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable={!keepOpen}>
      <Modal className="hs-dialog-box" data-size={size}>
        <AriaDialog className="hs-dialog" role={role}>
          <header>
            {above}
            <Heading slot="title" level={2}>{title}</Heading>
          </header>
          <div className="hs-body" ref={reachable}>
            {Head && <Head />}
            {children}
          </div>
          {(footer || footerEnd) && (
            <footer>
              {footer}
              {footerEnd && <div className="hs-end">{footerEnd}</div>}
            </footer>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface OverrideDialogProps {
  isOpen: boolean;
  onClose(): void;
  /** The rule in words: "RhD POSITIVE red cells to RhD NEGATIVE patient". */
  rule: ReactNode;
  title?: string;
  /** The values that led to it, and who may override. */
  values: ReactNode;
  /** The safe way out, which has the focus: "Keep looking for RhD NEGATIVE". */
  safeLabel: string;
  /** Where the safe way leads, when it is more than back to the form. */
  onSafe?(): void;
  /** The dangerous act: "Record override". */
  overrideLabel?: string;
  /** Why the override cannot be recorded yet: "Choose a reason", "Second person not checked". */
  notNow?: string;
  pending?: boolean;
  onOverride(): void;
  /** Fields: a reason, and where the rule asks for it a second person checked inline. */
  children: ReactNode;
}

/** A rule that may be overridden: the rule, the values, who may, a reason, a second person. Never "Are you sure?". */
export function OverrideDialog({ isOpen, onClose, rule, title, values, safeLabel, onSafe, overrideLabel, notNow, pending, onOverride, children }: OverrideDialogProps) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      keepOpen
      role="alertdialog"
      above={<span className="hs-status" data-kind="caution" data-wrap><Shape kind="caution" />{m.design_rule()} {rule}</span>}
      title={title ?? m.design_override_title()}
      footer={<Button variant="primary" size="lg" autoFocus onPress={onSafe ?? onClose}>{safeLabel}</Button>}
      footerEnd={<Button variant="danger" notNow={notNow} pending={pending} onPress={onOverride}>{overrideLabel ?? m.design_override_record()}</Button>}
    >
      <div className="text-ink-2">{values}</div>
      {children}
    </Dialog>
  );
}

interface ToastItem {
  id: number;
  text: string;
  kind: StatusKind;
  action?: { label: string; onAction(): void };
}

let toasts: readonly ToastItem[] = [];
let nextToast = 1;
const toastListeners = new Set<() => void>();
function setToasts(next: readonly ToastItem[]) {
  toasts = next;
  for (const tell of toastListeners) tell();
}

/**
 * For trivial things only ("Saved on this computer", with Undo): a toast may be missed. Anything that matters
 * stays on the screen as a bar or a refusal.
 */
export function toast(text: string, options: { kind?: StatusKind; action?: ToastItem["action"]; seconds?: number } = {}) {
  const id = nextToast++;
  setToasts([...toasts.slice(-2), { id, text, kind: options.kind ?? "good", action: options.action }]);
  setTimeout(() => setToasts(toasts.filter((t) => t.id !== id)), (options.seconds ?? 8) * 1000);
}

export function ToastRegion() {
  const items = useSyncExternalStore((tell) => (toastListeners.add(tell), () => toastListeners.delete(tell)), () => toasts);
  return (
    <div className="hs-toasts" role="status" aria-live="polite">
      {items.map((t) => (
        <div key={t.id} className="hs-toast">
          <Shape kind={t.kind} />
          <span className="grow">{t.text}</span>
          {t.action && (
            <Button size="sm" variant="quiet" onPress={() => { t.action?.onAction(); setToasts(toasts.filter((x) => x.id !== t.id)); }}>
              {t.action.label}
            </Button>
          )}
        </div>
      ))}
    </div>
  );
}
