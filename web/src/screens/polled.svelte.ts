/** What the broker says, asked again every so often while somebody looks. Belongs into a component's initialisation. */
export function polled<T>(ask: () => Promise<T>, everyMs: number) {
  let current = $state.raw<{ readonly value: T | null; readonly failure: unknown }>({ value: null, failure: null });

  async function again(): Promise<void> {
    if (document.hidden) return;
    try {
      current = { value: await ask(), failure: null };
    } catch (failure) {
      current = { value: current.value, failure };
    }
  }

  $effect(() => {
    void again();
    const timer = setInterval(again, everyMs);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  });

  return {
    get value(): T | null {
      return current.value;
    },
    get failure(): unknown {
      return current.failure;
    },
    again,
  };
}
