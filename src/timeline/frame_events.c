/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/frame_events.h"

struct thaw_frame_end thaw_frame_event_end(const struct thaw_event *event)
{
    switch (event->kind) {
    case THAW_EVENT_BODY_END:
        return (struct thaw_frame_end){THAW_FRAME_BODY, event->body_end.stack,
                                       event->body_end.strand, event->body_end.failed != 0};
    case THAW_EVENT_DLOPEN_END:
        return (struct thaw_frame_end){THAW_FRAME_DLOPEN, event->dlopen_end.stack,
                                       event->dlopen_end.strand, event->dlopen_end.failed != 0};
    case THAW_EVENT_MODULE_INIT_END:
        return (struct thaw_frame_end){THAW_FRAME_INIT, event->module_init_end.stack,
                                       event->module_init_end.strand,
                                       event->module_init_end.failed != 0};
    case THAW_EVENT_GC_END:
        return (struct thaw_frame_end){THAW_FRAME_GC, event->gc_end.stack, event->gc_end.strand,
                                       false};
    default:
        return (struct thaw_frame_end){THAW_FRAME_IMPORT, event->import_end.stack,
                                       event->import_end.strand, event->import_end.failed != 0};
    }
}

uint64_t thaw_frame_event_strand(const struct thaw_event *event)
{
    switch (event->kind) {
    case THAW_EVENT_IMPORT_BEGIN:
        return event->import_begin.strand;
    case THAW_EVENT_BODY_BEGIN:
        return event->body_begin.strand;
    case THAW_EVENT_DLOPEN_BEGIN:
        return event->dlopen_begin.strand;
    case THAW_EVENT_GC_BEGIN:
        return event->gc_begin.strand;
    case THAW_EVENT_FILE_OPEN:
        return event->file_open.strand;
    case THAW_EVENT_STRAND_BEGIN:
        return event->strand_begin.strand;
    case THAW_EVENT_MODULE_INIT:
        return event->module_init.strand;
    case THAW_EVENT_MODULE_MADE:
        return event->module_made.strand;
    case THAW_EVENT_LAZY_BEGIN:
        return event->lazy_begin.strand;
    case THAW_EVENT_FILE_CLOSE:
        return event->file_close.strand;
    case THAW_EVENT_FILE_LOOKUPS:
        return event->file_lookups.strand;
    case THAW_EVENT_FILE_LOOKUP:
        return event->file_lookup.strand;
    case THAW_EVENT_UNMARSHAL_BEGIN:
        return event->unmarshal_begin.strand;
    case THAW_EVENT_DLOPEN_RELOCATED:
        return event->dlopen_relocated.strand;
    case THAW_EVENT_MARSHAL_BEGIN:
        return event->marshal_begin.strand;
    case THAW_EVENT_EFFECT:
        return event->effect.strand;
    case THAW_EVENT_SAMPLE:
        return event->sample.strand;
    default:
        return thaw_frame_event_end(event).strand;
    }
}

bool thaw_frame_event_is(uint16_t kind)
{
    return (kind >= THAW_EVENT_IMPORT_BEGIN && kind <= THAW_EVENT_GC_END &&
            kind != THAW_EVENT_IMPORT_TIMED) ||
           (kind >= THAW_EVENT_STRAND_BEGIN && kind <= THAW_EVENT_EFFECT &&
            kind != THAW_EVENT_FILE_FOLDER) ||
           kind == THAW_EVENT_SAMPLE;
}

bool thaw_frame_event_of_files(uint16_t kind)
{
    return kind == THAW_EVENT_FILE_OPEN || kind == THAW_EVENT_FILE_CLOSE ||
           kind == THAW_EVENT_FILE_LOOKUPS || kind == THAW_EVENT_FILE_LOOKUP;
}

bool thaw_frame_event_tells_usage(uint16_t kind)
{
    return kind != THAW_EVENT_STRAND_BEGIN && kind != THAW_EVENT_SAMPLE;
}
