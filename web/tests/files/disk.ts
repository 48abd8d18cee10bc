/** A folder of this computer in memory, as far as pages may use one (File System Access API). */

export class DiskFile {
  readonly kind = "file";
  content = new Uint8Array();

  constructor(readonly name: string) {}

  async getFile(): Promise<File> {
    return new File([this.content], this.name);
  }

  async createWritable({ keepExistingData }: { readonly keepExistingData: boolean }) {
    let at = 0;
    let content = keepExistingData ? this.content : new Uint8Array();
    return {
      seek: async (offset: number) => {
        at = offset;
      },
      write: async (data: Uint8Array) => {
        const grown = new Uint8Array(Math.max(content.length, at + data.length));
        grown.set(content);
        grown.set(data, at);
        at += data.length;
        content = grown;
      },
      close: async () => {
        this.content = content;
      },
    };
  }
}

export class DiskFolder {
  readonly kind = "directory";
  readonly inside = new Map<string, DiskFile | DiskFolder>();

  constructor(readonly name: string) {}

  /** What is in it and below, as paths; those of folders end with a slash. */
  get paths(): string[] {
    return [...this.inside].flatMap(([name, one]) =>
      one instanceof DiskFile ? [name] : [`${name}/`, ...one.paths.map((path) => `${name}/${path}`)],
    );
  }

  async getFileHandle(name: string, { create }: { readonly create?: boolean } = {}): Promise<DiskFile> {
    return this.#get(name, create, DiskFile);
  }

  async getDirectoryHandle(name: string, { create }: { readonly create?: boolean } = {}): Promise<DiskFolder> {
    return this.#get(name, create, DiskFolder);
  }

  async *entries(): AsyncGenerator<[string, DiskFile | DiskFolder]> {
    yield* this.inside;
  }

  get handle(): FileSystemDirectoryHandle {
    return this as unknown as FileSystemDirectoryHandle;
  }

  #get<T extends DiskFile | DiskFolder>(name: string, create: boolean | undefined, kind: new (name: string) => T): T {
    if (!name || name.includes("/") || name === "." || name === "..") throw new TypeError("Name is not allowed.");
    const found = this.inside.get(name);
    if (found instanceof kind) return found;
    if (found) throw new DOMException("", "TypeMismatchError");
    if (!create) throw new DOMException("", "NotFoundError");
    const made = new kind(name);
    this.inside.set(name, made);
    return made;
  }
}
