;; One pass over the bytes of a message on the wire: where it ends, and what is odd in it. See message-scan.ts, which
;; says the same in TypeScript; a test holds the two together.
;;
;; Sixteen bytes that are all above CR (13) cost one compare. Everything else goes through the states:
;;   0 inside a line   1 behind CR   2 at the start of a line (behind CRLF)   3 behind a dot there   4 behind dot and CR
;;
;; Results, as 32-bit words from address 0: state, dots undone, LFs, marks, longest line, length of the open line, done.
;;
;; `sums` adds bytes up, plainly and by place, so that the sums of two pieces give those of both together.
;;
;; `print` is a fingerprint of bytes: four sums over whole sixty-fours, and one over what is left.
(module
  (memory (export "memory") 10 10)
  (func (export "scan")
    (param $at i32) (param $end i32) (param $state i32) (param $length i32)
    (result i32)
    (local $line i32) (local $byte i32) (local $mask i32) (local $vector v128)
    (local $stuffed i32) (local $feeds i32) (local $marks i32) (local $longest i32) (local $done i32)
    (local.set $line (i32.sub (local.get $at) (local.get $length)))
    (block $stop
      (loop $next
        (br_if $stop (i32.ge_u (local.get $at) (local.get $end)))
        (block $single
          (br_if $single (local.get $state))
          (br_if $single (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
          (local.set $vector (v128.load align=1 (local.get $at)))
          ;; Signed: octets above 127 are below it too.
          (if (i8x16.all_true (i8x16.gt_s (local.get $vector) (v128.const i8x16 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13)))
            (then
              (local.set $at (i32.add (local.get $at) (i32.const 16)))
              (br $next)))
          (local.set $mask
            (i8x16.bitmask
              (v128.or
                (v128.or
                  (i8x16.eq (local.get $vector) (v128.const i8x16 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13))
                  (i8x16.eq (local.get $vector) (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10)))
                (i8x16.eq (local.get $vector) (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)))))
          ;; Only what stands before the first of them: the message may end there.
          (if (i32.and
                (i8x16.bitmask (local.get $vector))
                (i32.sub (i32.shl (i32.const 1) (i32.ctz (i32.or (local.get $mask) (i32.const 65536)))) (i32.const 1)))
            (then (local.set $marks (i32.or (local.get $marks) (i32.const 8)))))
          (if (i32.eqz (local.get $mask))
            (then
              (local.set $at (i32.add (local.get $at) (i32.const 16)))
              (br $next)))
          (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $mask))))
          ;; The end of an ordinary line, with an ordinary octet behind it: no state need be gone through.
          (br_if $single (i32.ge_u (i32.add (local.get $at) (i32.const 2)) (local.get $end)))
          (br_if $single (i32.ne (i32.load16_u align=1 (local.get $at)) (i32.const 0x0a0d)))
          (local.set $byte (i32.load8_u offset=2 (local.get $at)))
          (br_if $single (i32.lt_u (local.get $byte) (i32.const 14)))
          (br_if $single (i32.eq (local.get $byte) (i32.const 46)))
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (local.set $feeds (i32.add (local.get $feeds) (i32.const 1)))
          (if (i32.gt_s (i32.sub (local.get $at) (local.get $line)) (local.get $longest))
            (then (local.set $longest (i32.sub (local.get $at) (local.get $line)))))
          (local.set $line (local.get $at))
          (br $next))
        (local.set $byte (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (if (i32.eqz (local.get $byte)) (then (local.set $marks (i32.or (local.get $marks) (i32.const 4)))))
        (if (i32.ge_u (local.get $byte) (i32.const 128))
          (then (local.set $marks (i32.or (local.get $marks) (i32.const 8)))))
        (block $behindLine
          (if (i32.eq (local.get $byte) (i32.const 10))
            (then
              (local.set $feeds (i32.add (local.get $feeds) (i32.const 1)))
              (if (i32.gt_s (i32.sub (local.get $at) (local.get $line)) (local.get $longest))
                (then (local.set $longest (i32.sub (local.get $at) (local.get $line)))))
              (local.set $line (local.get $at))
              (if (i32.eq (local.get $state) (i32.const 1))
                (then
                  (local.set $state (i32.const 2))
                  (br $next)))
              (if (i32.eq (local.get $state) (i32.const 4))
                (then
                  (local.set $done (i32.const 1))
                  (local.set $state (i32.const 0))
                  (br $stop)))
              ;; LF without CR.
              (local.set $marks (i32.or (local.get $marks) (i32.const 1)))
              (if (i32.eq (local.get $state) (i32.const 3))
                (then (local.set $stuffed (i32.add (local.get $stuffed) (i32.const 1)))))
              (local.set $state (i32.const 0))
              (br $next)))
          ;; CR without LF behind it.
          (if (i32.eq (local.get $state) (i32.const 1))
            (then (local.set $marks (i32.or (local.get $marks) (i32.const 2)))))
          (if (i32.eq (local.get $state) (i32.const 4))
            (then
              (local.set $marks (i32.or (local.get $marks) (i32.const 2)))
              (local.set $stuffed (i32.add (local.get $stuffed) (i32.const 1)))))
          (if (i32.eq (local.get $state) (i32.const 3))
            (then
              (if (i32.eq (local.get $byte) (i32.const 13))
                (then
                  (local.set $state (i32.const 4))
                  (br $next)))
              (local.set $stuffed (i32.add (local.get $stuffed) (i32.const 1)))
              (local.set $state (i32.const 0))
              (br $next)))
          (if (i32.eq (local.get $byte) (i32.const 13))
            (then
              (local.set $state (i32.const 1))
              (br $next)))
          (if (i32.eq (local.get $state) (i32.const 2))
            (then
              (local.set $state (select (i32.const 3) (i32.const 0) (i32.eq (local.get $byte) (i32.const 46))))
              (br $next)))
          (local.set $state (i32.const 0)))
        (br $next)))
    (i32.store (i32.const 0) (local.get $state))
    (i32.store (i32.const 4) (local.get $stuffed))
    (i32.store (i32.const 8) (local.get $feeds))
    (i32.store (i32.const 12) (local.get $marks))
    (i32.store (i32.const 16) (local.get $longest))
    (i32.store (i32.const 20) (i32.sub (local.get $at) (local.get $line)))
    (i32.store (i32.const 24) (local.get $done))
    (local.get $at))

  (func (export "sums") (param $at i32) (param $end i32) (result i32)
    (local $bytes v128) (local $plain v128) (local $before v128) (local $placed v128) (local $sum i32) (local $byPlace i32)
    (block $short
      (loop $next
        (br_if $short (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
        (local.set $bytes (v128.load align=1 (local.get $at)))
        (local.set $before (i32x4.add (local.get $before) (local.get $plain)))
        (local.set $plain
          (i32x4.add (local.get $plain)
            (i32x4.extadd_pairwise_i16x8_u (i16x8.extadd_pairwise_i8x16_u (local.get $bytes)))))
        (local.set $placed
          (i32x4.add (local.get $placed)
            (i32x4.extadd_pairwise_i16x8_u
              (i16x8.add
                (i16x8.extmul_low_i8x16_u (local.get $bytes) (v128.const i8x16 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1))
                (i16x8.extmul_high_i8x16_u (local.get $bytes) (v128.const i8x16 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next)))
    (local.set $placed (i32x4.add (local.get $placed) (i32x4.shl (local.get $before) (i32.const 4))))
    (local.set $sum
      (i32.add
        (i32.add (i32x4.extract_lane 0 (local.get $plain)) (i32x4.extract_lane 1 (local.get $plain)))
        (i32.add (i32x4.extract_lane 2 (local.get $plain)) (i32x4.extract_lane 3 (local.get $plain)))))
    (local.set $byPlace
      (i32.add
        (i32.add (i32x4.extract_lane 0 (local.get $placed)) (i32x4.extract_lane 1 (local.get $placed)))
        (i32.add (i32x4.extract_lane 2 (local.get $placed)) (i32x4.extract_lane 3 (local.get $placed)))))
    (block $stop
      (loop $next
        (br_if $stop (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
        (local.set $byPlace (i32.add (local.get $byPlace) (local.get $sum)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.store (i32.const 28) (local.get $byPlace))
    (local.get $sum))

  (func (export "print") (param $at i32) (param $end i32) (result i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128) (local $rest i32)
    (block $short
      (loop $next
        (br_if $short (i32.gt_u (i32.add (local.get $at) (i32.const 64)) (local.get $end)))
        (local.set $a (i32x4.add (i32x4.mul (local.get $a) (v128.const i32x4 31 33 37 41)) (v128.load align=1 (local.get $at))))
        (local.set $b (i32x4.add (i32x4.mul (local.get $b) (v128.const i32x4 31 33 37 41)) (v128.load offset=16 align=1 (local.get $at))))
        (local.set $c (i32x4.add (i32x4.mul (local.get $c) (v128.const i32x4 31 33 37 41)) (v128.load offset=32 align=1 (local.get $at))))
        (local.set $d (i32x4.add (i32x4.mul (local.get $d) (v128.const i32x4 31 33 37 41)) (v128.load offset=48 align=1 (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $next)))
    (block $stop
      (loop $next
        (br_if $stop (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $rest (i32.add (i32.mul (local.get $rest) (i32.const 31)) (i32.load8_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.set $a
      (i32x4.add
        (i32x4.add (local.get $a) (i32x4.mul (local.get $b) (v128.const i32x4 43 43 43 43)))
        (i32x4.add
          (i32x4.mul (local.get $c) (v128.const i32x4 1847 1847 1847 1847))
          (i32x4.mul (local.get $d) (v128.const i32x4 79507 79507 79507 79507)))))
    (i32.add
      (i32.add (local.get $rest) (i32.mul (i32x4.extract_lane 0 (local.get $a)) (i32.const 47)))
      (i32.add
        (i32.mul (i32x4.extract_lane 1 (local.get $a)) (i32.const 2209))
        (i32.add
          (i32.mul (i32x4.extract_lane 2 (local.get $a)) (i32.const 103823))
          (i32.mul (i32x4.extract_lane 3 (local.get $a)) (i32.const 4879681)))))))
