import { Handles } from '../../../services/channel/handles.js';

/** A handle that counts how often it was asked for what. */
function handle() {
  return {
    ref: jasmine.createSpy('ref'),
    unref: jasmine.createSpy('unref'),
  };
}

describe('Handles', () => {
  it('refer to all present members, and to those that join later', () => {
    const handles = new Handles();
    const first = handles.add(handle());
    const gone = handles.add(handle());
    handles.remove(gone);
    handles.unref();
    const later = handles.add(handle());
    for (const one of [first, later]) expect(one.unref).toHaveBeenCalledTimes(1);
    handles.ref();
    const last = handles.add(handle());
    for (const one of [first, later]) expect(one.ref).toHaveBeenCalledTimes(1);
    for (const spy of [gone.ref, gone.unref, last.unref]) expect(spy).not.toHaveBeenCalled();
  });
});
