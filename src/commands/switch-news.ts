/** Passes on within a process that the switch of all purges may have changed. */
export interface SwitchNews {
  /** Calls back at each news until the function that it returns is called. */
  readonly onSwitch: (look: () => void) => () => void;
  tell(): void;
}

export function switchNews(): SwitchNews {
  const looks = new Set<() => void>();
  return {
    onSwitch: (look) => {
      looks.add(look);
      return () => looks.delete(look);
    },
    tell: () => {
      for (const look of looks) look();
    },
  };
}
